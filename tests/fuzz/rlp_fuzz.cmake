spoor_fuzz(rlp LINK spoor::ethereum)
