spoor_fuzz(undo LINK spoor::bitcoin)
