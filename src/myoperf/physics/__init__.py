"""What a gamma camera does to activity: projection with attenuation and blur, scatter, counts.

Tensors are float32 torch tensors on the processor; only ``noise`` speaks numpy. Nothing here knows a heart.
"""
