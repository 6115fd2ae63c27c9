"""Service records 服务记录: a volunteer's time, from its claim to the minutes issued for it, and back."""
