spoor_fuzz(etl_rows LINK spoor::ethereum)
