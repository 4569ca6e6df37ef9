"""The models that may be asked for by name: a table of facts, one entry per file that is known by its digest."""

from __future__ import annotations

from dataclasses import replace

from identity.core.errors import NotFoundError
from identity.core.model import InputSpec, ModelManifest, OperatingPoint, Recommendation
from identity.zoo.release import Entry, Part, Release

GITHUB = "https://github.com"
NON_COMMERCIAL = "non-commercial research only"
ARCFACE_112 = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
ARCFACE_TEMPLATE = tuple((x / 112, y / 112) for x, y in ARCFACE_112)
REID_0095_TEMPLATE = (
    (0.31557, 0.46157),
    (0.68262, 0.46157),
    (0.50026, 0.64051),
    (0.34947, 0.82469),
    (0.65344, 0.82469),
)
OPEN_MODEL_ZOO = "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1"
SFACE_RECOMMENDED = Recommendation(0.637, "OpenCV: cosine similarity 0.363, best accuracy on LFW")
MEASURED_BY, MEASURED_ON = "the identity project", "4 million sampled non-mated pairs of LFW"
REID_0095_POINTS = tuple(
    OperatingPoint(fmr, distance, MEASURED_BY, MEASURED_ON)
    for fmr, distance in ((1e-2, 0.753), (1e-3, 0.652), (1e-4, 0.567), (1e-5, 0.489))
)


REID_0095_PARTS = (
    Part(
        f"{OPEN_MODEL_ZOO}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.xml",
        "689fb39e94bbd0d22cfeeb9292d0b91ac753424a7ee2c0555070e4038a00bfcaad473b47303012b9a393027dbad0dbce",
        350_427,
    ),
    Part(
        f"{OPEN_MODEL_ZOO}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.bin",
        "6d51703e854509dafdab9dfc6b932136d301d95be6d52c9c23b5a4f5de1ffec80e8d38b87e0e9556ad36f0dded1588ed",
        2_213_628,
    ),
)


def _detector(*, sha256: str, size_bytes: int, licence: str, source: str) -> ModelManifest:
    spec = InputSpec("NCHW", 0, "bgr", (0.0, 0.0, 0.0), 1.0)
    return ModelManifest(
        "yunet", "detector", "model.onnx", sha256, size_bytes, 0, spec, "whole/1", (), licence, source
    )


def _insightface(name: str, *, sha256: str, size_bytes: int, file: str) -> ModelManifest:
    spec = InputSpec("NCHW", 112, "rgb", (127.5, 127.5, 127.5), 1 / 127.5)
    source = f"InsightFace v0.7 release, {file}"
    return ModelManifest(
        name, "face", "model.onnx", sha256, size_bytes, 512, spec, "five-point/1",
        ARCFACE_TEMPLATE, NON_COMMERCIAL, source,
    )  # fmt: skip


YUNET_2023MAR = Entry(
    _detector(
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        size_bytes=232_589,
        licence="MIT",
        source="opencv/opencv_zoo, models/face_detection_yunet, 2023mar",
    ),
    Release(f"{GITHUB}/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx"),
)
YUNET_DYNAMIC = Entry(
    _detector(
        sha256="104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
        size_bytes=322_906,
        licence="Apache-2.0",
        source="ShiqiYu/libfacedetection.train, onnx/yunet_n_dynamic.onnx",
    ),
    Release(f"{GITHUB}/ShiqiYu/libfacedetection.train/raw/master/onnx/yunet_n_dynamic.onnx"),
)
REID_0095 = Entry(
    ModelManifest(
        name="face-reid-0095",
        kind="face",
        file="model.onnx",
        sha256="735540678ef0a8dac92145eea0a87017e9efb057293cebf20d8ecc082de88a4e",
        bytes=4_449_695,
        dim=256,
        input=InputSpec("NCHW", 128, "bgr", (0.0, 0.0, 0.0), 1.0),
        alignment="five-point/1",
        template=REID_0095_TEMPLATE,
        licence="Apache-2.0",
        source="openvinotoolkit/open_model_zoo, face-reidentification-retail-0095, as ONNX",
        operating_points=REID_0095_POINTS,
    ),
    Release("face-reidentification-retail-0095.onnx", made_of=REID_0095_PARTS),
)
SFACE = Entry(
    ModelManifest(
        name="sface",
        kind="face",
        file="model.onnx",
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        bytes=38_696_353,
        dim=128,
        input=InputSpec("NCHW", 112, "rgb", (0.0, 0.0, 0.0), 1.0),
        alignment="five-point/1",
        template=ARCFACE_TEMPLATE,
        licence="Apache-2.0",
        source="opencv/opencv_zoo, models/face_recognition_sface, 2021dec",
        recommended=SFACE_RECOMMENDED,
    ),
    Release(f"{GITHUB}/opencv/opencv_zoo/raw/main/models/face_recognition_sface/face_recognition_sface_2021dec.onnx"),
)
W600K_MBF = Entry(
    _insightface(
        "w600k-mbf",
        sha256="9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f",
        size_bytes=13_616_099,
        file="buffalo_s.zip",
    ),
    Release(
        f"{GITHUB}/deepinsight/insightface/releases/download/v0.7/buffalo_s.zip",
        member="w600k_mbf.onnx",
        sha256="d85a87f503f691807cd8bb97128bdf7a0660326cd9cd02657127fa978bab8b5e",
        restricted=True,
    ),
)
W600K_R50 = Entry(
    _insightface(
        "w600k-r50",
        sha256="4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43",
        size_bytes=0,
        file="buffalo_l.zip",
    ),
    Release(
        f"{GITHUB}/deepinsight/insightface/releases/download/v0.7/buffalo_l.zip",
        member="w600k_r50.onnx",
        restricted=True,
    ),
)
VGG_FACE = Entry(
    ModelManifest(
        name="vgg-face",
        kind="face",
        file="model.onnx",
        sha256="",
        bytes=0,
        dim=2622,
        input=InputSpec("NHWC", 224, "rgb", (129.1863, 104.7624, 93.5940), 1.0),
        alignment="loose/1",
        licence=NON_COMMERCIAL,
        source="Parkhi, Vedaldi, Zisserman: Deep Face Recognition, BMVC 2015; weights of serengil/deepface_models v1.0",
    ),
    Release(
        f"{GITHUB}/serengil/deepface_models/releases/download/v1.0/vgg_face_weights.h5", restricted=True, convert=True
    ),
)

ENTRIES = (YUNET_2023MAR, YUNET_DYNAMIC, REID_0095, SFACE, W600K_MBF, W600K_R50, VGG_FACE)


def entries_of(name: str) -> list[Entry]:
    """Every entry of this name, preferred first. Raises `NotFoundError`, listing the names, where there is none."""
    found = [entry for entry in ENTRIES if entry.manifest.name == name]
    if not found:
        raise NotFoundError(f"the catalogue has no model '{name}': choose one of {', '.join(names())}")
    return found


def names() -> list[str]:
    """Names in the catalogue, each once, in its order."""
    return list(dict.fromkeys(entry.manifest.name for entry in ENTRIES))


def manifest_of_digest(sha256: str, *, size_bytes: int) -> ModelManifest | None:
    """The manifest of a file with this digest, its size filled in, or None where the catalogue does not have it."""
    for entry in ENTRIES:
        if entry.manifest.sha256 == sha256:
            return replace(entry.manifest, bytes=size_bytes)
    return None
