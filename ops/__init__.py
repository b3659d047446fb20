"""Operations: command line, settings, replay, dead letters, doctor."""
