"""Programs that build, check and describe what is in this folder."""
