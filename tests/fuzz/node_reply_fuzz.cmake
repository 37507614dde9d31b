spoor_fuzz(node_reply LINK spoor::bitcoin)
