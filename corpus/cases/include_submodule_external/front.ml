include Back
