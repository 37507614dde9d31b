spoor_fuzz(script LINK spoor::chain)
