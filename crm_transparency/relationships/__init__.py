"""Which colleagues really know which customer. Other rooms call `coverage`, `strength` and `colleagues`."""
