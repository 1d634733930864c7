"""Building blocks of networks. torch only: nothing here knows a heart, a file or a recipe."""
