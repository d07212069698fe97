"""What tests of behaviour share with those of other files: limits on time and memory."""

from ..formats.conftest import few_resources

__all__ = ["few_resources"]
