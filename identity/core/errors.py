"""Everything that can go wrong and be answered: one line with cause and cure, and the exit code it means."""


class IdentityError(Exception):
    """A failure with its cause and its cure in one line; the program's edge prints it and exits with `exit_code`."""

    exit_code = 1


class UsageError(IdentityError):
    """The request itself cannot be meant: an option out of range, a name already taken."""

    exit_code = 2


class UnclearLabelsError(UsageError):
    """Folders do not look like names of people, and nobody said what the labels are."""


class NotFoundError(IdentityError):
    """A gallery, sample, model or file that was named does not exist."""


class UnreadableImageError(IdentityError):
    """One image cannot be decoded; the rest of its batch goes on."""


class NothingFoundError(IdentityError):
    """An image that is compared shows nothing that could be compared, such as no face."""

    exit_code = 4


class NotCalibratedError(IdentityError):
    """A verdict was asked for where nothing says how far is too far."""


class SpaceMismatchError(IdentityError):
    """Vectors of different spaces, or of the wrong dimension, were about to meet."""

    exit_code = 5


class ModelError(IdentityError):
    """A model's files are missing, changed or do not do what their manifest says."""


class StoreError(IdentityError):
    """The database cannot be opened, written or trusted."""


class StoreBusyError(StoreError):
    """Another process holds the write lock and did not let go in time."""


class StoreGoneError(StoreError):
    """The database's server is not there, or went in the middle of something."""


class WorkersError(IdentityError):
    """Work that was sent elsewhere cannot be done there: nobody answers, or who does has another program."""


class StrangeCopyError(WorkersError):
    """A worker's database does not vouch for the shards that it is to read: it is a copy, or others are in force."""


class KilledWorkersError(WorkersError):
    """A piece of work ended one worker after the other."""


class IndexFileError(IdentityError):
    """A snapshot file is damaged or is not the one the database speaks of; it can be rebuilt."""

    exit_code = 5


class TrainingError(IdentityError):
    """A training or an export did not produce a model that may be used."""


class ClusteringError(IdentityError):
    """The vectors or the parameters given to a clustering cannot be clustered."""

    exit_code = 2


class UnfinishedCopyError(StoreError):
    """A database holds a part of another one, whose copying was interrupted: it is not used as if it were whole."""


class GalleryChangedError(StoreError):
    """Something was computed from a gallery that somebody changed meanwhile; it was not written."""


class BundleError(IdentityError):
    """A file that should hold a gallery is damaged, was altered, or is none."""


class MissingFontWarning(UserWarning):
    """A picture has boxes where no font that is installed has a `script`; the message names one that has it."""

    def __init__(self, message: str, *, script: str) -> None:
        super().__init__(message)
        self.script = script


def first_line(error: BaseException) -> str:
    """What a library says in an error, in one line; the name of its class where it says nothing."""
    lines = str(error).split("\n")
    return next((line.strip() for line in lines if line.strip()), type(error).__name__)
