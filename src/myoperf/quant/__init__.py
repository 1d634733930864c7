"""From images to numbers: the left ventricle, its polar map, segment scores and total perfusion deficit. No torch."""
