"""Satisfaction 满意度: what residents say of a resolved need, what stations learn of it, and calls back."""
