"""One open gallery serves several threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from worlds import around, world

LABELS = "abcd"


def test_threads_ask_while_another_enrolls_and_removes(tmp_path):
    opened = world(tmp_path).opened
    enrolled = [image for label in LABELS for image in around(label, count=40, seed=1)]
    opened.enroll(enrolled)
    opened.enroll([image for label in LABELS for image in around(label, count=60, seed=2)], calibration_fraction=0.9)
    opened.calibrate(alpha=0.1)
    done = Event()
    probes = {label: list(around(label, count=5, seed=9)) for label in LABELS}

    def ask(label: str) -> int:
        rounds = 0
        while not done.is_set() or not rounds:
            for answer in opened.query(probes[label]):
                (region,) = answer.regions
                assert region.candidates[0].identity == label
                assert all(match.identity == label for match in region.matches)
                rounds += 1
        return rounds

    def change() -> None:
        try:
            for seed in range(20, 32):
                opened.enroll(list(around("a", count=4, seed=seed)))
                opened.samples.remove([one.id for one in opened.samples.find(identity="a", limit=2)])
        finally:
            done.set()

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(ask, label) for label in LABELS]
        pool.submit(change).result()
        assert all(one.result() for one in asking)


def test_the_model_is_loaded_once_however_many_threads_ask_first(tmp_path):
    opened = world(tmp_path).opened
    loaded = []
    load = opened.load_pipeline
    opened.load_pipeline = lambda: loaded.append(1) or load()
    with ThreadPoolExecutor(8) as pool:
        pipelines = list(pool.map(lambda _: opened.pipeline, range(16)))
    assert len(loaded) == 1
    assert all(one is pipelines[0] for one in pipelines)
