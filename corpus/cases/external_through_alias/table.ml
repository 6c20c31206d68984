module Low = Back
