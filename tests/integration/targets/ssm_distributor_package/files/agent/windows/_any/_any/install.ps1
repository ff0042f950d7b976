Write-Output installed
