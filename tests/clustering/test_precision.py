"""Which products are taken: the fastest that are exact here, and a cure in one line where they are not to be had."""

import numpy as np
import pytest
from clustering_oracles import needs_numkong

from identity.clustering.dbscan import bfloat16_tiles, head_tiles, integer_products, integer_tiles, precision
from identity.clustering.dbscan.density import dbscan
from identity.core.errors import ClusteringError


@pytest.fixture
def no_int8(monkeypatch):
    for module in (integer_products, integer_tiles, head_tiles):
        monkeypatch.setattr(module, "exact_product", lambda: None)


def test_auto_takes_8_bits_where_their_sums_are_exact():
    assert precision.resolve("auto", dim=512) == ("int8" if integer_products.exact_product() else "float32")


@pytest.mark.usefixtures("no_int8")
@needs_numkong
@pytest.mark.parametrize(("native", "taken"), [(True, "bfloat16"), (False, "float32")])
def test_auto_without_8_bits_takes_bfloat16_only_where_the_processor_has_it(monkeypatch, native, taken):
    monkeypatch.setattr(bfloat16_tiles, "is_native", lambda: native)
    assert precision.resolve("auto", dim=512) == taken


@pytest.mark.usefixtures("no_int8")
def test_auto_without_8_bits_and_numkong_is_float32(monkeypatch):
    monkeypatch.setattr(bfloat16_tiles, "is_installed", lambda: False)
    bfloat16_tiles.is_native.cache_clear()
    assert precision.resolve("auto", dim=512) == "float32"
    bfloat16_tiles.is_native.cache_clear()


def test_bfloat16_without_numkong_names_the_extra(monkeypatch):
    monkeypatch.setattr(bfloat16_tiles, "is_installed", lambda: False)
    with pytest.raises(ClusteringError, match=r"NumKong: pip install 'identity-search\[fast\]'"):
        dbscan(np.eye(3), eps=0.4, min_samples=1, precision="bfloat16")


@needs_numkong
def test_sums_narrower_than_float32_are_found_out_and_refused(monkeypatch):
    right = bfloat16_tiles.multiply_into

    def short(rows, packed, out):
        right(rows, packed, out).view(np.uint32)[...] &= np.uint32(0xFFFFFFFE)
        return out

    assert bfloat16_tiles.sums_in_float32()
    monkeypatch.setattr(bfloat16_tiles, "multiply_into", short)
    bfloat16_tiles.sums_in_float32.cache_clear()
    with pytest.raises(ClusteringError, match="fall short of float32"):
        dbscan(np.eye(3), eps=0.4, min_samples=1, precision="bfloat16")
    bfloat16_tiles.sums_in_float32.cache_clear()


@pytest.mark.usefixtures("no_int8")
def test_8_bits_that_saturate_are_refused():
    with pytest.raises(ClusteringError, match="8-bit products are not exact"):
        dbscan(np.eye(3), eps=0.4, min_samples=1, precision="int8")
