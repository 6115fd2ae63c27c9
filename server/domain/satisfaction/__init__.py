"""Satisfaction 满意度: ratings of needs and activities, stations' figures, and call-backs 回访."""
