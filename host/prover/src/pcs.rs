//! The polynomial commitment: stock two-adic FRI, with extension and hashing of a commitment fused into one device job
//! per height.
//!
//! The proof is the stock scheme's, byte for byte. `commit` is the only call that is done differently: all matrices of
//! one height go to the device as one matrix (the sponge runs across them anyway), and extended rows and digests come
//! back. What the device cannot take, and every other call, is the stock scheme's on `DeviceDft` and `DeviceMmcs`.

use std::sync::Arc;

use p3_challenger::{CanObserve, FieldChallenger, GrindingChallenger};
use p3_commit::{
    CommitmentOpening, ExtensionMmcs, OpenedValues, OpeningRequest, Pcs, PeriodicLdeTable, UnivariateStarkPcs,
};
use p3_dft::Radix2DitParallel;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_field::{ExtensionField, Field};
use p3_fri::{FriParameters, FriProverError, TwoAdicFriPcs};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::MerkleCap;
use thiserror::Error;

use crate::dft::DeviceDft;
use crate::field::{Challenge, Digest, Val};
use crate::fused;
use crate::mmcs::{DeviceMmcs, Known, Tree};
use crate::offload::{Interrupted, Offload};
use crate::timeline::Phase;
use crate::tree::{Class, classes};

/// The stock scheme underneath.
type Stock<EF> = TwoAdicFriPcs<Val, DeviceDft, DeviceMmcs, ExtensionMmcs<Val, EF, DeviceMmcs>>;
type Domain = TwoAdicMultiplicativeCoset<Val>;
/// A commitment, and what openings are answered from.
type Committed = (MerkleCap<Val, Digest>, Tree<RowMajorMatrix<Val>>);

/// Why a commitment or an opening could not be made.
#[derive(Debug, Error)]
pub enum CommitError {
    /// The low-degree test cannot take a matrix of this height.
    #[error(transparent)]
    Fri(#[from] FriProverError),
    /// A device failed, and its use is required; or the end was asked for.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The cap would not bind a matrix this short.
    #[error(
        "matrices of heights {heights:?} (extended) cannot be committed under a cap of height {cap_height}: \
         each must be a power of two, at least as tall as the cap"
    )]
    Heights {
        /// Heights of the extended matrices.
        heights: Vec<usize>,
        /// log2 of the digests in the cap.
        cap_height: usize,
    },
}

/// Two-adic FRI over BabyBear on devices, on the CPU where they cannot. `EF` is the challenge field, of any degree.
#[derive(Clone)]
pub struct DevicePcs<EF = Challenge> {
    stock: Stock<EF>,
    dft: DeviceDft,
    mmcs: DeviceMmcs,
    log_blowup: usize,
    offload: Arc<Offload>,
}

impl<EF> DevicePcs<EF> {
    /// The scheme over this transform and tree, with these parameters: the arguments of the stock `TwoAdicFriPcs::new`.
    ///
    /// `mmcs` commits to traces and FRI layers alike; its devices extend, too, and `cpu` does what they do not take.
    pub fn new(
        cpu: Radix2DitParallel<Val>,
        mmcs: DeviceMmcs,
        fri: FriParameters<ExtensionMmcs<Val, EF, DeviceMmcs>>,
    ) -> Self {
        let (log_blowup, offload) = (fri.log_blowup, Arc::clone(mmcs.offload()));
        let dft = DeviceDft::new(cpu, Arc::clone(&offload));
        Self { stock: Stock::new(dft.clone(), mmcs.clone(), fri), dft, mmcs, log_blowup, offload }
    }

    /// Extends and commits. The shift takes evaluations over x * H to evaluations over g * K (see the stock scheme).
    fn extend_and_commit(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        let (shifts, mut matrices): (Vec<Val>, Vec<_>) =
            evaluations.into_iter().map(|(domain, m)| (Val::GENERATOR / domain.shift(), m)).unzip();
        let heights: Vec<usize> = matrices.iter().map(|m| m.height() << self.log_blowup).collect();
        let mut known = Known::new();
        if self.offload.has_device() {
            let mut classes = self.classes(&heights)?;
            // Only the tallest class has its tree to itself; into the others runs what is above the taller ones.
            classes.iter_mut().skip(1).for_each(|class| class.levels = 0);
            // One job has one shift; matrices on different cosets go one by one below.
            let shift = |class: &Class| class.members.first().map(|&m| shifts[m]);
            classes.retain(|class| class.members.iter().all(|&m| Some(shifts[m]) == shift(class)));
            let jobs: Vec<fused::Class<'_>> = (classes.iter())
                .filter_map(|class| {
                    let members = class.members.iter().map(|&m| &matrices[m]).collect();
                    Some(fused::Class { members, shift: shift(class)?, levels: class.levels })
                })
                .collect();
            for (class, committed) in classes.iter().zip(self.offload.commit(&jobs, self.log_blowup)) {
                let Some((rows, layers)) = committed else { continue };
                class.members.iter().zip(rows).for_each(|(&m, rows)| matrices[m] = rows);
                known.insert(class.height, layers);
            }
        }
        let extended = matrices.into_iter().zip(shifts).zip(heights).map(|((m, shift), height)| {
            if known.contains_key(&height) { m } else { self.dft.extend(m, self.log_blowup, shift) }
        });
        let committed = self.commit_extended(extended.collect(), known);
        self.offload.check()?;
        committed
    }

    fn commit_extended(&self, extended: Vec<RowMajorMatrix<Val>>, known: Known) -> Result<Committed, CommitError> {
        self.classes(&extended.iter().map(|m| m.height()).collect::<Vec<_>>())?;
        let committed = self.mmcs.build(extended, known);
        self.offload.check()?;
        Ok(committed)
    }

    fn classes(&self, heights: &[usize]) -> Result<Vec<Class>, CommitError> {
        let cap_height = self.mmcs.cap_height();
        classes(heights, cap_height).ok_or_else(|| CommitError::Heights { heights: heights.to_vec(), cap_height })
    }
}

impl<EF, C> Pcs<EF, C> for DevicePcs<EF>
where
    EF: ExtensionField<Val>,
    C: FieldChallenger<Val> + CanObserve<MerkleCap<Val, Digest>> + GrindingChallenger<Witness = Val>,
{
    type Domain = Domain;
    type Commitment = MerkleCap<Val, Digest>;
    type ProverData = Tree<RowMajorMatrix<Val>>;
    type Proof = <Stock<EF> as Pcs<EF, C>>::Proof;
    type Error = <Stock<EF> as Pcs<EF, C>>::Error;
    type ProverError = CommitError;

    fn natural_domain_for_degree(&self, degree: usize) -> Domain {
        <Stock<EF> as Pcs<EF, C>>::natural_domain_for_degree(&self.stock, degree)
    }

    fn commit(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        self.offload.enter_commit();
        let committed = self.extend_and_commit(evaluations);
        self.offload.leave_commit();
        committed
    }

    fn open(
        &self,
        requests: Vec<OpeningRequest<'_, Self::ProverData, EF>>,
        challenger: &mut C,
    ) -> Result<(OpenedValues<EF>, Self::Proof), CommitError> {
        self.offload.enter_opening();
        let opened = self.stock.open(requests, challenger)?;
        self.offload.check()?;
        Ok(opened)
    }

    fn verify(
        &self,
        claims: Vec<CommitmentOpening<EF, Self::Commitment, Domain>>,
        proof: &Self::Proof,
        challenger: &mut C,
    ) -> Result<(), Self::Error> {
        self.stock.verify(claims, proof, challenger)
    }
}

impl<EF, C> UnivariateStarkPcs<EF, C> for DevicePcs<EF>
where
    EF: ExtensionField<Val>,
    C: FieldChallenger<Val> + CanObserve<MerkleCap<Val, Digest>> + GrindingChallenger<Witness = Val>,
{
    type EvaluationsOnDomain<'a> = <Stock<EF> as UnivariateStarkPcs<EF, C>>::EvaluationsOnDomain<'a>;

    const ZK: bool = <Stock<EF> as UnivariateStarkPcs<EF, C>>::ZK;

    fn log_max_trace_height(&self) -> usize {
        <Stock<EF> as UnivariateStarkPcs<EF, C>>::log_max_trace_height(&self.stock)
    }

    fn log_min_trace_height(&self) -> usize {
        <Stock<EF> as UnivariateStarkPcs<EF, C>>::log_min_trace_height(&self.stock)
    }

    fn commit_preprocessing(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        self.offload.enter_preprocessing();
        self.extend_and_commit(evaluations)
    }

    fn get_quotient_ldes(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
        num_chunks: usize,
    ) -> Result<Vec<RowMajorMatrix<Val>>, CommitError> {
        self.offload.enter_quotient();
        let ldes = <Stock<EF> as UnivariateStarkPcs<EF, C>>::get_quotient_ldes(&self.stock, evaluations, num_chunks)?;
        self.offload.check()?;
        Ok(ldes)
    }

    fn commit_ldes(&self, ldes: Vec<RowMajorMatrix<Val>>) -> Result<Committed, CommitError> {
        self.offload.enter(Phase::QuotientCommit);
        self.commit_extended(ldes, Known::new())
    }

    fn get_evaluations_on_domain<'a>(
        &self,
        prover_data: &'a Self::ProverData,
        idx: usize,
        domain: Domain,
    ) -> Self::EvaluationsOnDomain<'a> {
        <Stock<EF> as UnivariateStarkPcs<EF, C>>::get_evaluations_on_domain(&self.stock, prover_data, idx, domain)
    }

    fn build_periodic_lde_table(
        &self,
        columns: &[Vec<Val>],
        trace_domain: Domain,
        quotient_domain: Domain,
    ) -> PeriodicLdeTable<Val> {
        <Stock<EF> as UnivariateStarkPcs<EF, C>>::build_periodic_lde_table(
            &self.stock,
            columns,
            trace_domain,
            quotient_domain,
        )
    }
}
