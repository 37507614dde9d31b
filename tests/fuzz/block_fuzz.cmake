spoor_fuzz(block LINK spoor::bitcoin)
