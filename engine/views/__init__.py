"""The read side: one function a query, from the store's rows to a record.

What the actor may not see is not there: filters of tenant and rights are part of every statement, and `NotFound` says
the same whether a thing does not exist or is hidden.
"""
