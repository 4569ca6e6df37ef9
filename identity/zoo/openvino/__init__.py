"""Reads a network in OpenVINO's form (`.xml` and `.bin`) and writes it as ONNX, without OpenVINO and without `onnx`.

It knows the layers of face-reidentification-retail-0095 and no others.
"""
