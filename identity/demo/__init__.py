"""The demo: the whole way from pictures to verdicts on real scans."""
