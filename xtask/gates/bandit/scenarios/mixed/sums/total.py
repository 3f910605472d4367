def total(text):
    return sum(eval(text))
