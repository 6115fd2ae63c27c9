"""Tasks 任务 (供需对接): help for a need or for a station, from its publication to its payment."""
