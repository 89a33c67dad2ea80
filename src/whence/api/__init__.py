"""Where everything meets: grad, trace, explain, check and their kin."""
