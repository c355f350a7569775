"""All that stands between a submission and the machine: read this room to judge its safety."""
