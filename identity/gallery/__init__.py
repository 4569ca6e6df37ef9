"""The Python API: one gallery with everything that the commands can do."""

from identity.gallery.clusters import Clusters as Clusters
from identity.gallery.gallery import Gallery as Gallery
from identity.gallery.people import People as People
from identity.gallery.plots import Plots as Plots
from identity.gallery.samples import Samples as Samples
