"""What a threshold costs in people: closed forms, a simulated day, a plan per interval."""
