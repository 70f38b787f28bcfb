"""Management commands of local mode; Django knows them only while LOCAL_MODE is on."""
