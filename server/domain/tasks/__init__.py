"""Tasks 任务 (供需对接): a need, or a station's own wish, that a volunteer takes on, from publishing to its pay."""
