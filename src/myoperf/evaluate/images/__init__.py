"""How far images lie from their references: pixel errors, structural similarity, the 17 segments."""

from .error import image_errors
from .folder import ImagesJudged, judge_images
from .segments import judge_segments
from .similarity import ssim

__all__ = ["ImagesJudged", "image_errors", "judge_images", "judge_segments", "ssim"]
