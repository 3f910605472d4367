def high(hour):
    return hour % 12 == 0
