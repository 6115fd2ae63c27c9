"""Orders 兑换: points and pieces are held together, then handed over against a code, or released together."""
