"""Virtual patients with known answers: hearts in image space, their disease, their images and their readers.

Nothing here shares geometry with the measuring room: surfaces, sampling and scores are written anew, so that agreement
of the two proves something.
"""
