spoor_fuzz(tag_file LINK spoor::entity)
