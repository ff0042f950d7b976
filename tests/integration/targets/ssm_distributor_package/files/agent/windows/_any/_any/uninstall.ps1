Write-Output removed
