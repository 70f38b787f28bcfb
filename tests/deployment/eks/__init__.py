"""deploy_eks.sh, with programs in the places of kubectl, helm and terraform that note what they are asked."""
