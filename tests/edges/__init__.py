"""Every window's two sides, in forty zones, across the changes of clocks of twenty years and leap days."""
