"""The clinic's model beside other models of choices, for each subject and between groups."""
