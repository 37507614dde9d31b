spoor_fuzz(block_file LINK spoor::bitcoin)
