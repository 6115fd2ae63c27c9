"""Service records 服务记录: time a volunteer gave, from its claim to the minutes issued for it, and back."""
