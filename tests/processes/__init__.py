"""What only shows between processes: two servers, one killed in the middle, one that ends while it works."""
