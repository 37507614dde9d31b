spoor_fuzz(transaction LINK spoor::bitcoin)
