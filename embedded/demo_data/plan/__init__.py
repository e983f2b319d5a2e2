"""What the demo company is made of: plain data, made from one seed, without touching a site."""
