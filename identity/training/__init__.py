"""Trains the digit network (extra `train`): two recipes, one model folder as the result."""

from identity.training.recipes import RECIPES, train

__all__ = ["RECIPES", "train"]
