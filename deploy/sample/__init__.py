"""A sample municipality and a year in its life: the whole system on realistic input, and the judges of its promises."""
