"""From projections to a volume: filtered back-projection, OSEM, Butterworth filter, reorientation.

Everything here takes torch tensors on the processor and gives float32 ones; ``osem`` takes float32
only, as the projector does.
"""
