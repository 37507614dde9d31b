spoor_fuzz(address LINK spoor::chain)
