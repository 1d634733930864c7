"""From projections to a volume: filtered back-projection, OSEM, Butterworth filter, reorientation.

Everything here takes and gives float32 torch tensors on the processor.
"""
