"""Orders 兑换: points and pieces held together, handed over against a code, or given back together."""
