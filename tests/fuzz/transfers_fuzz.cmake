spoor_fuzz(transfers LINK spoor::ingest)
