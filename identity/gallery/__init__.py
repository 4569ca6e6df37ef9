"""The Python API: one gallery with everything that the commands can do, each part imported when it is first used."""

from identity.gallery.gallery import Gallery as Gallery
